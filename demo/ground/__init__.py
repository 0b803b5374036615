"""The training ground: an emulated AWS that keeps running, its troubles to switch on and off, and exercises."""
