package io.millrace.broker.handler;

import io.millrace.broker.handler.ApiVersionsHandler.Features;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Features that change with their level what clients do, and the levels in force: the highest,
 * unless an administrator has chosen another (KIP-584). Stateless.
 */
public final class FeatureLevels {
    /** The highest level of each; the lowest is 0, and 1 where a lower one would change nothing. */
    public static final Map<String, Short> HIGHEST =
            Map.of(
                    "group.version", (short) 1,
                    "share.version", (short) 2,
                    "streams.version", (short) 1,
                    "transaction.version", (short) 2);

    private FeatureLevels() {}

    /** What is to be told of them now. */
    public static Features of(ClusterImage image) {
        var finalized = new HashMap<>(HIGHEST);
        image.features()
                .forEach((name, level) -> {
                    if (level == 0) {
                        finalized.remove(name);
                    } else {
                        finalized.put(name, level);
                    }
                });
        return new Features(HIGHEST, finalized, image.endOffset());
    }

    /** The level of a feature that is in force; 0 if it is off. */
    public static short of(ClusterImage image, String feature) {
        return of(image).finalized().getOrDefault(feature, (short) 0);
    }
}
