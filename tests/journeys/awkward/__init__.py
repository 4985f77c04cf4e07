"""Apps that would notice if a fork of a zygote were not what a process of their own is."""
