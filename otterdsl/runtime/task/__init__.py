"""runtime.task"""
