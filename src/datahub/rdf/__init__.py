"""The columnar RDF frame and its formats: the one representation that every floor above shares."""
