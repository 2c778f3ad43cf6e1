"""The live view: nothing but a subscriber. Events become a view, a scene, a picture, and lines on the screen."""
