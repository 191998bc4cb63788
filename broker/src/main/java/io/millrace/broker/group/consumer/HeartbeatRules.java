package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.assign.Assignors;
import io.millrace.broker.group.member.TopicPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a heartbeat has to say, and may not say, whoever sends it. Stateless. */
final class HeartbeatRules {
    private static final int MAX_TOPICS = 10_000;

    private HeartbeatRules() {}

    /** The refusal of a request that makes no sense; null if it makes sense. */
    static @Nullable Beat refusal(ConsumerHeartbeat beat) {
        String problem = problem(beat);
        if (problem != null) {
            return Beat.failed(GroupError.INVALID_REQUEST, problem);
        }
        String assignor = beat.assignor();
        if (assignor != null && Assignors.named(assignor) == null) {
            return Beat.failed(
                    GroupError.UNSUPPORTED_ASSIGNOR,
                    "There is no assignor %s; there are %s".formatted(assignor, Assignors.names()));
        }
        String regex = beat.regex();
        if (regex != null && !regex.isEmpty() && TopicPattern.of(regex) == null) {
            return Beat.failed(
                    GroupError.INVALID_REGULAR_EXPRESSION,
                    "The topics' regular expression is malformed or too large");
        }
        return null;
    }

    private static @Nullable String problem(ConsumerHeartbeat beat) {
        int epoch = beat.epoch();
        if (beat.group().isEmpty()) {
            return "The group id is empty";
        }
        boolean needsId = beat.bringsId() || epoch != ConsumerHeartbeat.JOIN;
        if (beat.memberId().isEmpty() && needsId) {
            return "The member id is empty";
        }
        if (isEmpty(beat.instanceId()) || isEmpty(beat.rackId())) {
            return "The instance id or the rack id is empty";
        }
        if (beat.topics() != null && beat.topics().size() > MAX_TOPICS) {
            return "There are too many topics in the subscription";
        }
        if (epoch < ConsumerHeartbeat.LEAVE_FOR_A_WHILE) {
            return "The member epoch is below -2";
        }
        if (epoch == ConsumerHeartbeat.LEAVE_FOR_A_WHILE && beat.instanceId() == null) {
            return "Only a static member can leave for a while";
        }
        return epoch == ConsumerHeartbeat.JOIN ? problemOfJoining(beat) : null;
    }

    private static @Nullable String problemOfJoining(ConsumerHeartbeat beat) {
        if (beat.rebalanceTimeoutMs() == -1) {
            return "Who joins has to say its rebalance timeout";
        }
        if (beat.owned() == null || !beat.owned().isEmpty()) {
            return "Who joins has no partitions, and has to say so";
        }
        List<String> topics = beat.topics();
        boolean named = topics != null && !topics.isEmpty();
        return named || beat.regex() != null ? null : "Who joins has to subscribe to something";
    }

    private static boolean isEmpty(@Nullable String text) {
        return text != null && text.isEmpty();
    }
}
