package io.millrace.broker.simulation.cluster;

import java.util.stream.Stream;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;

/** Which answers have a follower cut off its log. */
final class CutOffs {
    private CutOffs() {}

    /** Whether it has written what the leader has not. */
    static boolean cuts(FetchResponseData answer) {
        return partitions(answer).anyMatch(FetchResponse::isDivergingEpoch);
    }

    /** The same, or it may begin anew as it is before the leader's start or behind its end. */
    static boolean mayCut(FetchResponseData answer) {
        return cuts(answer)
                || partitions(answer)
                        .anyMatch(it -> it.errorCode() == Errors.OFFSET_OUT_OF_RANGE.code());
    }

    private static Stream<PartitionData> partitions(FetchResponseData answer) {
        return answer.responses().stream().flatMap(topic -> topic.partitions().stream());
    }
}
