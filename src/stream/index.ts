/** What a Lambda function on a stream is written with: types alone, so that nothing of it is bundled. */
export type {
  ChangeName,
  StreamAttribute,
  StreamBatchResponse,
  StreamEvent,
  StreamHandler,
  StreamImage,
  StreamRecord,
} from "./event.ts";
