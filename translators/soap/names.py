"""Names on the wire: the namespaces of SOAP, its header standards and the services served here."""

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
ENCODING_NONE_12 = "http://www.w3.org/2003/05/soap-envelope/encoding/none"

WSA_2005 = "http://www.w3.org/2005/08/addressing"
WSA_2004 = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
PLAIN_TEXT = f"{_PROFILE}#PasswordText"
DIGEST = f"{_PROFILE}#PasswordDigest"

XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

POLICY = "urn:ehr-gateway:policy:1"
SUMMARIZE = "urn:ehr-gateway:summarize:1"
IIS = "urn:cdc:iisb:2011"
NOTEREADER = "urn:epic-com:Common.2013.Services"
