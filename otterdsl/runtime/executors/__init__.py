"""runtime.executors"""
