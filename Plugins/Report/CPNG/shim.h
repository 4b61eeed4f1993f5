/* libpng's simplified interface, for Pictures/PNGImage.swift. */
#include <png.h>
