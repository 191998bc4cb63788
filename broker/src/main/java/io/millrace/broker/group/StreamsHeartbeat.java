package io.millrace.broker.group;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.group.task.Topology;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of a streams group says that it is there (KIP-1071). What is null, or -1, has not
 * changed since it last said so.
 *
 * @param epoch 0 to join, -1 to leave
 * @param owned the tasks that it has, in whatever role; as it says: bounds are not checked
 * @param processId of the process that it runs in, with others perhaps
 * @param shutdown whether it wants all of the application to stop
 */
public record StreamsHeartbeat(
        String group,
        String memberId,
        int epoch,
        @Nullable String instanceId,
        @Nullable String rackId,
        int rebalanceTimeoutMs,
        @Nullable Topology topology,
        @Nullable List<OwnedTasks> owned,
        @Nullable String processId,
        boolean shutdown,
        Client client)
        implements GroupRequest {
    public static final int JOIN = 0;
    public static final int LEAVE = -1;

    /** Tasks of a subtopology that the client has. */
    public record OwnedTasks(String subtopology, List<Integer> partitions) {}

    /**
     * What the member hears.
     *
     * @param message what is wrong, for a human; null if there is nothing to add
     * @param tasks null if they are as the member knows them
     */
    public record Answer(
            GroupError error,
            @Nullable String message,
            String memberId,
            int epoch,
            int heartbeatIntervalMs,
            @Nullable Tasks tasks,
            List<Status> statuses)
            implements GroupReply {
        public static Answer failed(GroupError error, @Nullable String message) {
            return new Answer(error, message, "", 0, 0, null, List.of());
        }
    }

    /** What is the matter with the group, with Kafka's codes for it. */
    public record Status(byte code, String detail) {
        public static final byte SHUTDOWN_APPLICATION = 4;
        public static final byte ASSIGNMENT_DELAYED = 5;
    }
}
