"""runtime.tasks"""
