"""What the SpinoPelvic module is made of. `client`, `replies` and `worker` need neither Qt nor MRML."""
