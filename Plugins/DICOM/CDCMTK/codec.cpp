#include "pons_codec.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>

#include <mutex>

#include "guarded.hpp"

namespace {

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    pons::quiet();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

bool is_known(E_TransferSyntax syntax) {
  switch (syntax) {
    case EXS_JPEGProcess1:
    case EXS_JPEGProcess2_4:
    case EXS_JPEGProcess6_8:
    case EXS_JPEGProcess10_12:
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1:
    case EXS_JPEGLSLossless:
    case EXS_JPEGLSLossy:
      return true;
    default:
      return false;
  }
}

int32_t refuse(const char *text, char *message, uint64_t capacity) {
  pons::describe(text, message, capacity);
  return -1;
}

}  // namespace

extern "C" {

int32_t pons_codec_knows(const char *transfer_syntax) {
  return pons::guarded<int32_t>(
      0, [&] { return is_known(DcmXfer(transfer_syntax).getXfer()) ? 1 : 0; });
}

int32_t pons_codec_decode(const char *transfer_syntax, const pons_frame *frame, const void *stream,
                          uint64_t size, void *pixels, uint64_t pixel_bytes, char *message,
                          uint64_t capacity) {
  pons::describe("the decoder ran out of memory", message, capacity);
  return pons::guarded<int32_t>(-1, [&]() -> int32_t {
    prepare();
    const E_TransferSyntax syntax = DcmXfer(transfer_syntax).getXfer();
    if (!is_known(syntax)) return refuse("no decoder for the transfer syntax", message, capacity);
    if (size == 0 || size > 0xfffffff0u || pixel_bytes > 0xfffffff0u) {
      return refuse("the frame is empty or too large", message, capacity);
    }
    DcmDataset dataset;
    // With their representations, because asking for one would load DCMTK's dictionary.
    const auto put = [&](const DcmTagKey &tag, Uint16 value) {
      dataset.putAndInsertUint16(DcmTag(tag, EVR_US), value);
    };
    put(DCM_SamplesPerPixel, 1);
    dataset.putAndInsertString(DcmTag(DCM_PhotometricInterpretation, EVR_CS), "MONOCHROME2");
    put(DCM_Rows, frame->rows);
    put(DCM_Columns, frame->columns);
    put(DCM_BitsAllocated, frame->bits_allocated);
    put(DCM_BitsStored, frame->bits_stored);
    put(DCM_HighBit, frame->bits_stored - 1);
    put(DCM_PixelRepresentation, frame->is_signed);
    dataset.putAndInsertString(DcmTag(DCM_NumberOfFrames, EVR_IS), "1");

    auto sequence = std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelData, EVR_OB));
    sequence->insert(new DcmPixelItem(DcmTag(DCM_PixelItemTag, EVR_OB)));
    auto fragment = std::make_unique<DcmPixelItem>(DcmTag(DCM_PixelItemTag, EVR_OB));
    // An odd length would be filled up with a zero, which some decoders take for part of the stream.
    if (fragment->putUint8Array(static_cast<const Uint8 *>(stream), static_cast<unsigned long>(size)).bad()) {
      return refuse("no memory for the codestream", message, capacity);
    }
    sequence->insert(fragment.release());
    auto element = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, EVR_px));
    element->putOriginalRepresentation(syntax, nullptr, sequence.release());
    DcmPixelData *data = element.get();
    if (dataset.insert(element.release()).bad()) {
      return refuse("no memory for the codestream", message, capacity);
    }
    Uint32 first = 1;
    OFString color;
    pons::forget_warnings();
    const OFCondition status = data->getUncompressedFrame(
        &dataset, 0, first, pixels, static_cast<Uint32>(pixel_bytes), color, nullptr);
    if (status.bad()) return refuse(status.text(), message, capacity);
    if (const char *warning = pons::first_warning()) return refuse(warning, message, capacity);
    if (color != "MONOCHROME2" && color != "MONOCHROME1") {
      return refuse("the codestream is in colour", message, capacity);
    }
    return 0;
  });
}

}  // extern "C"
