"""How takes come to be: attempts at providers, renders of the engine, what arrives, what is given up."""
