"""Who did what with whose data, when and why: entries without content, in a chain that shows any change."""
