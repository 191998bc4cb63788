package io.millrace.broker.handler;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;

/** Feature levels as Kafka's message classes take them. */
final class SupportedFeatures {
    private SupportedFeatures() {}

    static Features<SupportedVersionRange> upTo(Map<String, Short> highest) {
        var ranges = new HashMap<String, SupportedVersionRange>();
        highest.forEach(
                (name, level) -> ranges.put(name, new SupportedVersionRange((short) 0, level)));
        return Features.supportedFeatures(ranges);
    }
}
