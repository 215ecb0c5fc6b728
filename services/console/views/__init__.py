"""What pages show, made of facts: pure, so that who may read what is a table of tests and not of browsers."""
