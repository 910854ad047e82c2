"""runtime.util"""
