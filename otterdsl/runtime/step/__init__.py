"""runtime.step"""
