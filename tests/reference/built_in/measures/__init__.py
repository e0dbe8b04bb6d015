"""What is measured, one file each: the file NAME.py has a function NAME of a bench (program, judge, pool) that prints its numbers."""

NAMES = ("prompts", "variety", "guidance", "illusions", "inpaint", "edits", "nearest", "stage_2", "speed")
