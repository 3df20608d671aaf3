"""Other methods on the network's own split and inputs, to hold it against (`cratewise baselines`)."""
