// What a header of pons_writing.h is.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <vector>

struct pons_header {
  DcmFileFormat file;
  /// Items of sequences that are being filled, the innermost last.
  std::vector<DcmItem *> open;
  std::vector<uint8_t> encoded;

  /// Where elements go: the innermost open item, or the data set.
  DcmItem *target() { return open.empty() ? file.getDataset() : open.back(); }
};
