#ifndef GATEWAY_MASK_PICTURES_INTERNAL_H
#define GATEWAY_MASK_PICTURES_INTERNAL_H

#include <png.h>
#include <turbojpeg.h>

#include "keys/base/library.h"

/* The libraries that decode pictures, for the processes that mask. */
#define LIBPNG(F)                           \
	F(png_image_begin_read_from_memory) \
	F(png_image_finish_read)            \
	F(png_image_free)
LIBRARY(libpng, LIBPNG);

#define LIBTURBOJPEG(F)        \
	F(tjCompress2)         \
	F(tjDecompress2)       \
	F(tjDecompressHeader3) \
	F(tjDestroy)           \
	F(tjFree)              \
	F(tjGetErrorCode)      \
	F(tjGetScalingFactors) \
	F(tjInitCompress)      \
	F(tjInitDecompress)    \
	F(tjInitTransform)     \
	F(tjTransform)
LIBRARY(libturbojpeg, LIBTURBOJPEG);

#define png_image_begin_read_from_memory libpng.png_image_begin_read_from_memory
#define png_image_finish_read libpng.png_image_finish_read
#define png_image_free libpng.png_image_free
#define tjCompress2 libturbojpeg.tjCompress2
#define tjDecompress2 libturbojpeg.tjDecompress2
#define tjDecompressHeader3 libturbojpeg.tjDecompressHeader3
#define tjDestroy libturbojpeg.tjDestroy
#define tjFree libturbojpeg.tjFree
#define tjGetErrorCode libturbojpeg.tjGetErrorCode
#define tjGetScalingFactors libturbojpeg.tjGetScalingFactors
#define tjInitCompress libturbojpeg.tjInitCompress
#define tjInitDecompress libturbojpeg.tjInitDecompress
#define tjInitTransform libturbojpeg.tjInitTransform
#define tjTransform libturbojpeg.tjTransform

/* Both, once; before a sandbox. */
NEED int pictures_load(struct fault *f);

#endif
