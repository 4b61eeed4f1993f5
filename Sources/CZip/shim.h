/* libzip, for PonsWeights: PyTorch archives, and the files that carry models to sites without a network. */
#include <zip.h>
