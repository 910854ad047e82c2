"""runtime.config"""
