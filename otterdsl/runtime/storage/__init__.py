"""runtime.storage"""
