"""The command line: one thin file a group of verbs. A file imports its rooms inside its commands, so start-up is short."""
