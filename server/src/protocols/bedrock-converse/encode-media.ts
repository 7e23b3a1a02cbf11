import type { LossCode, LossList } from '../canonical/losses.ts';
import { asObject } from '../canonical/read-json.ts';
import type { JsonObject, MediaPart } from '../canonical/request.ts';
import type { ModelTraits } from './model-traits.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Images, documents, audio and video as blocks with a format word. Only bytes travel; AWS fetches from its own S3 alone. */
interface MediaContext {
  readonly traits: Pick<ModelTraits, 'cites'>;
  readonly losses: LossList;
  readonly documents: DocumentNames;
}

const imageFormats = wordTable<string>({
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
});
const documentFormats = wordTable<string>({
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
});
const videoFormats = wordTable<string>({
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
});
const audioFormats = wordTable<string>({
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/flac': 'flac',
  'audio/aac': 'aac',
  'audio/mp4': 'm4a',
});

export function encodeMedia(part: MediaPart, context: MediaContext): readonly JsonObject[] {
  const block = part.type === 'document' ? documentBlock(part, context) : mediaBlock(part);
  if (typeof block !== 'string') return [{ [part.type]: block }];
  context.losses.add(block);
  return [];
}

const formatsOf = { image: imageFormats, audio: audioFormats, video: videoFormats };

function mediaBlock(part: MediaPart & { readonly type: MediaPart['type'] }): JsonObject | LossCode {
  if (part.type === 'document') return 'media_type_refused';
  const format = formatsOf[part.type][part.mimeType ?? formatInUrl(part)];
  const source = sourceOf(part, 'media_address_refused');
  if (typeof source === 'string') return source;
  return format === undefined ? 'media_type_refused' : { format, source };
}

/** An address in S3 may be all that tells the type. */
function formatInUrl({ type, source }: MediaPart): string {
  const ending = source.type === 'url' ? /\.(\w+)$/.exec(source.url)?.[1] : undefined;
  return ending === undefined ? '' : `${type}/${ending}`;
}

function sourceOf({ source }: MediaPart, refusal: LossCode): JsonObject | LossCode {
  if (source.type === 'base64') return { bytes: source.data };
  if (source.type === 'file-id') return 'file_id_refused';
  if (source.type === 'text') return { bytes: Buffer.from(source.text, 'utf8').toString('base64') };
  return source.url.startsWith('s3://') ? { s3Location: { uri: source.url } } : refusal;
}

function documentBlock(part: MediaPart, { traits, losses, documents }: MediaContext): JsonObject | LossCode {
  const source = sourceOf(part, 'document_url_refused');
  if (typeof source === 'string') return source;
  const isText = part.source.type === 'text' && part.mimeType === undefined;
  const format = isText ? 'txt' : (documentFormats[part.mimeType ?? ''] ?? textFormat(part.mimeType));
  if (format === undefined) return 'media_type_refused';
  const isCited = asObject(part.extra?.['citations'])?.['enabled'] === true;
  if (isCited && !traits.cites) losses.add('citations_dropped');
  return {
    format,
    name: documents.nameOf(part.filename),
    source,
    ...(isCited && traits.cites ? { citations: { enabled: true } } : {}),
  };
}

function textFormat(mimeType: string | undefined): string | undefined {
  return mimeType?.startsWith('text/') === true ? 'txt' : undefined;
}

/** Every document of a request has a name of its own, in a small alphabet; by position, so that each turn gives the same. */
export interface DocumentNames {
  nameOf(filename: string | undefined): string;
}

export function createDocumentNames(): DocumentNames {
  const used = new Set<string>();
  let count = 0;
  return {
    nameOf(filename) {
      count += 1;
      const plain = (filename ?? '')
        .replace(/\.\w{1,5}$/, '')
        .replaceAll(/[^A-Za-z0-9 ()[\]-]/g, '-')
        .replaceAll(/ {2,}/g, ' ')
        .trim()
        .slice(0, 180);
      const wanted = plain === '' ? `Document ${count}` : plain;
      const name = used.has(wanted) ? `${wanted} (${count})` : wanted;
      used.add(name);
      return name;
    },
  };
}
