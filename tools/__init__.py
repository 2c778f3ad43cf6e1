"""Programs about serd for those who develop it; `script/NAME` runs each in the checkout's environment."""
