--- The instruction set in use.
print((require "torch".__config__.show():match("CPU capability usage: (%S+)")))
