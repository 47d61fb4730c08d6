"""Run folders: what a run used, said and came to, and who follows it."""
