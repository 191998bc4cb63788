package io.millrace.broker.handler.share;

import io.millrace.broker.handler.peer.MemberRouter;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.queue.QueueConfigs;

/** What share fetches work with: the queues, how they are set, and who may begin one. */
public record QueueAccess(QueueRouter queues, QueueConfigs configs, MemberRouter members) {}
