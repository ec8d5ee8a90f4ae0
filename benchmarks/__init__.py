"""What datahub claims about speed, measured against the engines that others use, in one run on one machine."""
