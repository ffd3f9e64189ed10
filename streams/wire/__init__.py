"""What travels: arrays and curves as text, the messages made of them, the topics that hold them."""
