"""HL7 v2: ER7 read by segment whatever the message type, answered in the sender's version.

`translator.py` is the way in. Without I/O, without hl7apy but in `conformance.py`.
"""
