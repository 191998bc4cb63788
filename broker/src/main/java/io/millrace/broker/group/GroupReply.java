package io.millrace.broker.group;

import io.millrace.broker.group.assign.Partitions;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request comes to. */
public sealed interface GroupReply
        permits StreamsHeartbeat.Answer,
                GroupReply.Joined,
                GroupReply.Synced,
                GroupReply.Beat,
                GroupReply.Plain,
                GroupReply.Enlisted,
                GroupReply.Each {
    GroupError error();

    /**
     * @param members of the leader only: all members with the metadata of the chosen protocol
     */
    record Joined(
            GroupError error,
            int generation,
            @Nullable String protocolType,
            @Nullable String protocol,
            String leader,
            String memberId,
            boolean skipAssignment,
            List<JoinedMember> members)
            implements GroupReply {
        public static Joined failed(GroupError error, String memberId) {
            return new Joined(error, -1, null, null, "", memberId, false, List.of());
        }
    }

    record JoinedMember(String id, @Nullable String instanceId, ByteBuffer metadata) {}

    record Synced(
            GroupError error,
            @Nullable String protocolType,
            @Nullable String protocol,
            ByteBuffer assignment)
            implements GroupReply {
        public static Synced failed(GroupError error) {
            return new Synced(error, null, null, ByteBuffer.allocate(0));
        }
    }

    /**
     * What a member with an epoch hears.
     *
     * @param message what is wrong, for a human; null if there is nothing to add
     * @param assignment null if it is as the member knows it
     */
    record Beat(
            GroupError error,
            @Nullable String message,
            String memberId,
            int epoch,
            int heartbeatIntervalMs,
            @Nullable Partitions assignment)
            implements GroupReply {
        public static Beat failed(GroupError error, @Nullable String message) {
            return new Beat(error, message, "", 0, 0, null);
        }
    }

    /** Nothing but whether it went well. */
    record Plain(GroupError error) implements GroupReply {}

    /**
     * @param number of the wait for the coordinator; 0 if it need not be asked
     */
    record Enlisted(GroupError error, long number) implements GroupReply {}

    /** One outcome for each item of the request, in order. */
    record Each(GroupError error, List<GroupError> errors) implements GroupReply {}
}
