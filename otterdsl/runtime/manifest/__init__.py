"""runtime.manifest"""
