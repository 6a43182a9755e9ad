"""The demo: the main job from the push to the mail, on the bundled example, with real components."""
