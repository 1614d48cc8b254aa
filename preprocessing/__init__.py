"""Pure functions shared by training and serving: text and image bytes in, model input out."""
