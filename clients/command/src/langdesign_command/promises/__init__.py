"""What LangDesign promises, and the probes that measure whether it is kept on this machine."""
