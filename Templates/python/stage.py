"""A plugin of Pons: what pons_plugin.py offers is told at its beginning."""

import numpy
from pons_plugin import Input, Output, Parameter, Plugin

plugin = Plugin("@NAME@", version="1.0")


@plugin.stage(
    "@ID@", "keeps volumes that are bright enough", version="1",
    inputs=[Input("volume", "volume", "what is measured")],
    outputs=[Output("volume", "volume", "the volumes that stay")],
    parameters=[Parameter("minimum", "number", "volumes with a smaller mean are dropped", default=0.0)])
class Stage:
    def __init__(self, parameters, context):
        self.minimum = parameters["minimum"]

    def process(self, context, volume):
        values = volume.voxels[numpy.isfinite(volume.voxels)]
        mean = float(values.mean(dtype="float64")) if values.size else 0.0
        if mean >= self.minimum:
            context.keep(score=mean)
            context.forward(volume, "volume")
        else:
            context.drop(score=mean, reason=f"the mean is {mean:.4g}")


plugin.run()
