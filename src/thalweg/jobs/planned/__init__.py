"""What plans are made of: a comparison timed here, this machine's constants, a module's steps, runs looked back on."""
