#include "pons_segmentation.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmfg/fgderimg.h>
#include <dcmtk/dcmfg/fgfracon.h>
#include <dcmtk/dcmfg/fgpixmsr.h>
#include <dcmtk/dcmfg/fgplanor.h>
#include <dcmtk/dcmfg/fgplanpo.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <vector>

#include "guarded.hpp"
#include "header.hpp"

struct pons_segmentation {
  std::unique_ptr<DcmSegmentation> object;
  uint16_t rows = 0;
  uint16_t columns = 0;
  /// One bit a voxel, and how many there are.
  std::vector<uint8_t> pixels;
  size_t bits = 0;
};

namespace {

// Thrown where DCMTK refuses something.
void require(const OFCondition &status) {
  if (status.bad()) throw std::runtime_error(status.text());
}

// Runs `body` and answers 0, or describes what it threw, with what DCMTK had to say before.
template <typename Body>
int32_t reporting(char *message, uint64_t capacity, Body &&body) noexcept {
  return pons::guarded<int32_t>(-1, [&]() -> int32_t {
    pons::forget_warnings();
    try {
      body();
      return 0;
    } catch (const std::exception &error) {
      const char *warning = pons::first_warning();
      pons::describe(warning != nullptr ? warning : error.what(), message, capacity);
      return -1;
    }
  });
}

CodeSequenceMacro code(const pons_code &code) {
  return CodeSequenceMacro(code.value, code.scheme, code.meaning);
}


void share(DcmSegmentation &object, const pons_segmentation_facts &facts) {
  const char *const *axis = facts.orientation;
  std::unique_ptr<FGBase> orientation(FGPlaneOrientationPatient::createMinimal(
      axis[0], axis[1], axis[2], axis[3], axis[4], axis[5]));
  if (orientation == nullptr) throw std::runtime_error("the orientation is refused");
  require(object.addForAllFrames(*orientation));
  FGPixelMeasures measures;
  require(measures.setPixelSpacing(facts.pixel_spacing));
  require(measures.setSliceThickness(facts.slice_thickness));
  require(measures.setSpacingBetweenSlices(facts.slice_distance));
  require(object.addForAllFrames(measures));
}

// Frames are ordered by segment and by plane.
void order(DcmSegmentation &object, const char *uid) {
  IODMultiframeDimensionModule &dimensions = object.getDimensions();
  require(dimensions.addDimensionIndex(DCM_ReferencedSegmentNumber, uid,
                                       DCM_SegmentIdentificationSequence, "Segment"));
  require(dimensions.addDimensionIndex(DCM_ImagePositionPatient, uid, DCM_PlanePositionSequence,
                                       "Plane"));
}

// Adds the pixels of a frame, one bit each, the first in the lowest bit of a byte, right behind those of the frame before (DICOM PS3.5
// 8.1.1). DCMTK 3.6.7 would do it, but loses the end of the last frame when frames do not end with a byte.
void pack(pons_segmentation &segmentation, const uint8_t *pixels) {
  const size_t count = static_cast<size_t>(segmentation.rows) * segmentation.columns;
  segmentation.pixels.resize((segmentation.bits + count + 7) / 8);
  for (size_t index = 0; index < count; index++) {
    const size_t bit = segmentation.bits + index;
    if (pixels[index] != 0) {
      segmentation.pixels[bit / 8] |= static_cast<uint8_t>(1 << (bit % 8));
    }
  }
  segmentation.bits += count;
}

}  // namespace

extern "C" {

pons_segmentation *pons_segmentation_make(const pons_segmentation_facts *facts, char *message,
                                          uint64_t capacity) {
  auto made = std::make_unique<pons_segmentation>();
  pons::quiet();
  const int32_t status = reporting(message, capacity, [&] {
    const IODGeneralEquipmentModule::EquipmentInfo equipment(facts->manufacturer, facts->model,
                                                             facts->serial, facts->version);
    ContentIdentificationMacro content;
    require(content.setInstanceNumber("1"));
    require(content.setContentLabel(facts->label));
    require(content.setContentDescription(facts->description, OFFalse));
    require(content.setContentCreatorName(facts->creator, OFFalse));
    DcmSegmentation *object = nullptr;
    require(DcmSegmentation::createBinarySegmentation(object, facts->rows, facts->columns,
                                                      equipment, content));
    made->object.reset(object);
    made->rows = facts->rows;
    made->columns = facts->columns;
    require(object->getFrameOfReference().setFrameOfReferenceUID(facts->frame_of_reference));
    // The header will have another; DCMTK insists on one.
    require(object->getSeries().setSeriesNumber("1"));
    share(*object, *facts);
    order(*object, facts->dimensions);
  });
  return status == 0 ? made.release() : nullptr;
}

void pons_segmentation_free(pons_segmentation *segmentation) {
  pons::guarded(0, [&] {
    delete segmentation;
    return 0;
  });
}

int32_t pons_segmentation_add_segment(pons_segmentation *segmentation, const pons_segment *segment,
                                      char *message, uint64_t capacity) {
  return reporting(message, capacity, [&] {
    DcmSegment *created = nullptr;
    require(DcmSegment::create(created, segment->label, code(segment->category),
                               code(segment->type), DcmSegTypes::SAT_AUTOMATIC,
                               segment->algorithm));
    std::unique_ptr<DcmSegment> made(created);
    if (segment->region.value != nullptr) {
      const pons_code &region = segment->region;
      require(made->getGeneralAnatomyCode().getAnatomicRegion().set(region.value, region.scheme,
                                                                    region.meaning));
    }
    AlgorithmIdentificationMacro &algorithm = made->getSegmentationAlgorithmIdentification();
    const pons_code &family = segment->family;
    require(algorithm.getAlgorithmFamilyCode().set(family.value, family.scheme, family.meaning));
    require(algorithm.setAlgorithmName(segment->algorithm, OFFalse));
    require(algorithm.setAlgorithmVersion(segment->version, OFFalse));
    Uint16 number = 0;
    require(segmentation->object->addSegment(made.get(), number));
    made.release();
  });
}

int32_t pons_segmentation_add_frame(pons_segmentation *segmentation,
                                    const pons_segment_frame *frame, char *message,
                                    uint64_t capacity) {
  return reporting(message, capacity, [&] {
    std::unique_ptr<FGPlanePosPatient> position(FGPlanePosPatient::createMinimal(
        frame->position[0], frame->position[1], frame->position[2]));
    if (position == nullptr) throw std::runtime_error("the position is refused");
    FGFrameContent content;
    require(content.setDimensionIndexValues(frame->segment, 0));
    require(content.setDimensionIndexValues(frame->plane, 1));
    ImageSOPInstanceReferenceMacro reference;
    require(reference.setReferencedSOPClassUID(frame->source_class));
    require(reference.setReferencedSOPInstanceUID(frame->source));
    if (frame->source_frame > 0) require(reference.addReferencedFrameNumber(frame->source_frame));
    // Segmentation, and what the image was to it (DICOM PS3.16 CID 7203 and 7202).
    const CodeSequenceMacro derivation("113076", "DCM", "Segmentation");
    const CodeSequenceMacro purpose("121322", "DCM",
                                    "Source image for image processing operation");
    OFVector<ImageSOPInstanceReferenceMacro> images;
    images.push_back(reference);
    std::unique_ptr<FGDerivationImage> source(
        FGDerivationImage::createMinimal(images, "", derivation, purpose));
    if (source == nullptr) throw std::runtime_error("the reference to the image is refused");
    OFVector<FGBase *> groups;
    groups.push_back(position.get());
    groups.push_back(&content);
    groups.push_back(source.get());
    // DCMTK does not change the pixels, and only forgot to say so.
    require(segmentation->object->addFrame(const_cast<Uint8 *>(frame->pixels), frame->segment,
                                           groups));
    pack(*segmentation, frame->pixels);
  });
}

int64_t pons_segmentation_move(pons_segmentation *segmentation, pons_header *header,
                               const uint8_t **pixels, char *message, uint64_t capacity) {
  const int32_t status = reporting(message, capacity, [&] {
    DcmDataset &dataset = *header->file.getDataset();
    require(segmentation->object->writeDataset(dataset));
    if (segmentation->pixels.size() % 2 == 1) segmentation->pixels.push_back(0);
    require(dataset.findAndDeleteElement(DCM_PixelData));
    require(dataset.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192"));
  });
  if (status != 0) return -1;
  *pixels = segmentation->pixels.data();
  return static_cast<int64_t>(segmentation->pixels.size());
}

}  // extern "C"
