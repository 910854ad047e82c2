"""runtime.validators"""
