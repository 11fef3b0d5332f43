"""The ladder of `diagnose`: it climbs from this machine to the model and stops where something breaks."""
