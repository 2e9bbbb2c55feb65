"""A real model, if a very small one, behind a real gateway: `make real-model`. Not part of the tests."""
