"""What a person runs on their machine: set-up, the supervised stack, the demo, the push command."""
