"""runtime.scratchpad"""
