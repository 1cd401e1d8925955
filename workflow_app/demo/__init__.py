"""The demo agency, so that a newcomer sees a living programme at once: `agency` loads it, and each other module tells
the stories of one part of the programme, with the verbs that people use."""
